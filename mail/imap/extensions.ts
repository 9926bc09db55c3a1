/** The extensions that are offered, in the order in which CAPABILITY shows them. */
import type { Extension } from './extension.ts';
import { authExtension } from './extensions/auth.ts';
import { childrenExtension } from './extensions/children.ts';
import { condstoreExtension } from './extensions/condstore.ts';
import { createSpecialUseExtension } from './extensions/create-special-use.ts';
import { enableExtension } from './extensions/enable.ts';
import { esearchExtension } from './extensions/esearch.ts';
import { idExtension } from './extensions/id.ts';
import { idleExtension } from './extensions/idle.ts';
import { literalPlusExtension } from './extensions/literal-plus.ts';
import { moveExtension } from './extensions/move.ts';
import { namespaceExtension } from './extensions/namespace.ts';
import { saslIrExtension } from './extensions/sasl-ir.ts';
import { specialUseExtension } from './extensions/special-use.ts';
import { starttlsExtension } from './extensions/starttls.ts';
import { uidplusExtension } from './extensions/uidplus.ts';
import { unselectExtension } from './extensions/unselect.ts';

export const extensions: readonly Extension[] = [
  literalPlusExtension,
  saslIrExtension,
  starttlsExtension,
  authExtension,
  idExtension,
  enableExtension,
  idleExtension,
  namespaceExtension,
  childrenExtension,
  specialUseExtension,
  createSpecialUseExtension,
  unselectExtension,
  uidplusExtension,
  moveExtension,
  esearchExtension,
  condstoreExtension,
];
