import { blobsContract } from '../../../contracts/blobs.ts';
import { temporaryBucket } from './temporary-bucket.ts';

blobsContract('S3', temporaryBucket);
