/** Text in XML. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** As the content of an element or of an attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** The other way round; what is no entity stays as it is. */
export function unescapeXml(text: string): string {
  const named = Object.fromEntries(
    Object.entries(entities).map(([character, entity]) => [entity, character]),
  );
  return text.replace(/&(?:amp|lt|gt|quot|apos);/g, (entity) => named[entity] ?? entity);
}
