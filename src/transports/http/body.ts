/** The body of a request as text, without the mark that some programs begin one with; undefined where it is longer than `most` bytes, of which no more is read then. */
export async function readBody(request: Request, most: number): Promise<string | undefined> {
  if (Number(request.headers.get("Content-Length")) > most) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Its length is not said where it comes in chunks.
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
