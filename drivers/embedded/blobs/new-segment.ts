/** Begins a segment: its number, its line in the catalog, its file. */
import type { ProcessIdentity } from '../process-identity.ts';
import type { Catalog, Segment } from './catalog.ts';
import type { SegmentFiles, SegmentId, SegmentWriter } from './segment-files.ts';

/** Files that the catalog forgot when the power failed are passed over, up to so many. */
const maxLeftovers = 1000;

/** In the catalog before its file is there: so a file that no catalog knows is rubbish. */
export async function newSegment(options: {
  readonly catalog: Catalog;
  readonly files: SegmentFiles;
  readonly owner: ProcessIdentity;
  readonly kind: Segment['kind'];
}): Promise<{ readonly id: SegmentId; readonly writer: SegmentWriter }> {
  const { catalog, files, owner, kind } = options;
  for (let leftovers = 0; ; leftovers++) {
    const id = await catalog.commit((change) => change.addSegment(kind, owner), 'visible');
    try {
      return { id, writer: await files.create(id) };
    } catch (fault) {
      await catalog.commit((change) => change.seal(id), 'visible');
      const exists = fault instanceof Error && 'code' in fault && fault.code === 'EEXIST';
      if (!exists || leftovers === maxLeftovers) throw fault;
    }
  }
}
