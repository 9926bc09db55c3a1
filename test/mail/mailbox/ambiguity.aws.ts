/** Commits whose end is not known at once, on DynamoDB. */
import { temporaryDynamoTable } from '../../drivers/aws/table/temporary-table.ts';
import { ambiguityTests } from './ambiguity-tests.ts';

ambiguityTests(temporaryDynamoTable);
