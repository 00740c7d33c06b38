export function ComputersPage() {
  return null
}
