/** The random walks over DynamoDB, with fewer steps: each is compared by thousands of requests. */
import { openDynamoKitStore } from './dynamo-kit-store.ts';
import { propertyWalks } from './property-walk.ts';

propertyWalks({ walks: 2, stepsAWalk: 20, openStore: openDynamoKitStore });
