/** All folders of an account as a tree, from their items. */
import type { Item } from '../ports/table.ts';
import type { FolderNode } from './folder-item.ts';
import { parseFolderItem } from './folder-item.ts';
import { formatMailboxName } from './folder-name.ts';
import { maxLevels } from './limits.ts';
import { DamagedItem } from './types.ts';
import type { FolderId } from './types.ts';

export class FolderTree {
  readonly #nodes: ReadonlyMap<FolderId, FolderNode>;
  readonly #children: ReadonlyMap<FolderId | undefined, readonly FolderNode[]>;

  /** From all `folder#` items. */
  constructor(items: readonly Item[]) {
    const nodes = items.map(parseFolderItem);
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#children = Map.groupBy(nodes, ({ parent }) => parent);
  }

  get size(): number {
    return this.#nodes.size;
  }
  get nodes(): Iterable<FolderNode> {
    return this.#nodes.values();
  }

  childrenOf(parent: FolderId | undefined): readonly FolderNode[] {
    return this.#children.get(parent) ?? [];
  }

  /** The folder of these levels. */
  find(levels: readonly string[]): FolderNode | undefined {
    const path = this.pathTo(levels);
    return path.length === levels.length ? path.at(-1) : undefined;
  }

  /** As much of the way to these levels as there is. */
  pathTo(levels: readonly string[]): readonly FolderNode[] {
    const path: FolderNode[] = [];
    for (const name of levels) {
      const next = this.childrenOf(path.at(-1)?.id).find((node) => node.name === name);
      if (next === undefined) break;
      path.push(next);
    }
    return path;
  }

  /** Its levels from the top; a fault where its parents lead nowhere. */
  levelsOf(node: FolderNode): readonly string[] {
    const levels = [node.name];
    let parent = node.parent;
    while (parent !== undefined) {
      const above = this.#nodes.get(parent);
      if (above === undefined || levels.length > maxLevels) throw new DamagedItem('tree of folders');
      levels.unshift(above.name);
      parent = above.parent;
    }
    return levels;
  }

  fullName(node: FolderNode): string {
    return formatMailboxName(this.levelsOf(node));
  }

  /** The folder and all below it. */
  subtreeOf(node: FolderNode): readonly FolderNode[] {
    return [node, ...this.childrenOf(node.id).flatMap((child) => this.subtreeOf(child))];
  }
}
