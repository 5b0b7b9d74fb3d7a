/**
 * Gives what tells one address of a server from another. A slash at the end, the case of its name and a default port
 * don't.
 */
const normal = (url: string): string =>
  URL.canParse(url) ? new URL(url).href.replace(/#.*/, '').replace(/\/+(?=$|\?)/, '') : url

/** Lists the addresses without those that lead where an earlier one leads. What one server says twice is said once. */
export const differentAddresses = (urls: readonly string[]): string[] =>
  urls.filter((url, i) => urls.findIndex((other) => normal(other) === normal(url)) === i)
