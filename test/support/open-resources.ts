/** What holds the process open. Timers come and go with the SDK's own work; what leaks with rotations is everything else. */
export function openResources(): number {
  const names = process.getActiveResourcesInfo();
  return names.filter((name) => name !== 'Timeout' && name !== 'Immediate').length;
}
