/** Commits whose end is not known at once, on the embedded table. */
import { ambiguityTests } from './ambiguity-tests.ts';
import { temporaryTable } from './mail-kit.ts';

ambiguityTests(temporaryTable);
