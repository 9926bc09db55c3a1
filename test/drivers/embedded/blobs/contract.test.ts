import { blobsContract } from '../../../contracts/blobs.ts';
import { temporaryBlobs } from '../temporary-blobs.ts';

blobsContract('segment files', temporaryBlobs);
blobsContract('segment files, and no memory to share', () => temporaryBlobs({ uploadMemoryBytes: 0 }));
blobsContract('segment files of 100 KB', () => temporaryBlobs({ rollBytes: 100_000 }));
