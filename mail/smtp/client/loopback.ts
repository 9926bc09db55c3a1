/** Whether the address is one of this machine's own loopback, where nobody can listen to what is sent. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
