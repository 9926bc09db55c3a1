/** The random walks over the embedded table. */
import { propertyWalks } from './property-walk.ts';
import { openEmbeddedKitStore } from './sweep-kit.ts';

propertyWalks({ walks: 3, stepsAWalk: 60, openStore: openEmbeddedKitStore });
