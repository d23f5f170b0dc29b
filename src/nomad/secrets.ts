/** Takes the server's own token out of a text, wherever it stands. */
export function mask(text: string, token: string | undefined): string {
  return token === undefined ? text : text.replaceAll(token, "[masked]");
}
