import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packStructure, unpackBodyStructure, unpackParts } from '../../../mail/mailbox/part-structure.ts';
import { DamagedItem } from '../../../mail/mailbox/types.ts';
import { scanMessage } from '../../../mail/message/scan-message.ts';
import { sample, sampleNames } from '../message/samples.ts';

function structureOf(bytes: Uint8Array) {
  const { bodyStructure, parts } = scanMessage(bytes);
  return { bodyStructure: Buffer.from(bodyStructure).toString('latin1'), parts };
}

function unpackStructure(packed: Uint8Array) {
  return { bodyStructure: unpackBodyStructure(packed), parts: unpackParts(packed) };
}

test('the structure of every sample comes back as it was', () => {
  for (const name of sampleNames) {
    const structure = structureOf(sample(name));
    assert.deepEqual(unpackStructure(packStructure(structure)), structure, name);
  }
});

test('octets that are no ASCII and a table without parts come back', () => {
  const structure = { bodyStructure: '("\xe4" NIL)', parts: [] };
  assert.deepEqual(unpackStructure(packStructure(structure)), structure);
});

test('a usual structure takes a third of its octets', () => {
  const structure = structureOf(sample('html-with-image'));
  const plain = structure.bodyStructure.length + structure.parts.join(' ').length;
  assert.ok(packStructure(structure).length < plain / 3);
});

test('a damaged structure, or one of a version that is not known, is a damaged item', () => {
  const packed = packStructure(structureOf(sample('plain')));
  assert.throws(() => unpackStructure(packed.subarray(0, packed.length - 4)), DamagedItem);
  assert.throws(() => unpackStructure(Buffer.concat([Buffer.of(9), packed.subarray(1)])), DamagedItem);
  assert.throws(() => unpackStructure(new Uint8Array(0)), DamagedItem);
});
