/** Who is signed in, for whatever part of a page must know. The console enforces; this only shows or hides. */
import { createContext, use } from 'react'
import type { SessionAnswer } from '../../api/contract.ts'

const SessionContext = createContext<SessionAnswer | null>(null)
export const SessionProvider = SessionContext.Provider

/** Reports whether the signed-in role has a permission. */
export function useMay(permission: string): boolean {
  return use(SessionContext)?.permissions.includes(permission) ?? false
}

/** Returns who is signed in where, for what names it on paper; null before the sign-in. */
export function useSession(): SessionAnswer | null {
  return use(SessionContext)
}
