/** The commands by name, with the options that each knows. */
import type { ParseArgsOptionsConfig } from 'node:util'
import type { CommandInput } from './command-input.ts'

interface Command {
  readonly options: ParseArgsOptionsConfig
  /** The option that a word without dashes stands for. */
  readonly positional?: string
  /** Returns the exit code. */
  run(input: CommandInput): Promise<number>
}

const state = { state: { type: 'string' } } as const

// Each command's code is loaded only when it is asked for: `status` must not pay for the sensors.
export const COMMANDS = {
  run: {
    options: { ...state, config: { type: 'string' } },
    run: async (input) => (await import('./run.ts')).run(input),
  },
  enroll: {
    options: {
      ...state,
      console: { type: 'string' },
      token: { type: 'string' },
      watch: { type: 'string', multiple: true },
      force: { type: 'boolean' },
      'request-to': { type: 'string' },
      answer: { type: 'string' },
      mark: { type: 'string' },
    },
    run: async (input) => (await import('./enroll.ts')).enroll(input),
  },
  export: {
    options: {
      ...state,
      to: { type: 'string' },
      all: { type: 'boolean' },
      run: { type: 'string' },
      json: { type: 'boolean' },
    },
    run: async (input) => (await import('./export.ts')).exportRecords(input),
  },
  import: {
    options: { ...state, file: { type: 'string' } },
    positional: 'file',
    run: async (input) => (await import('./import.ts')).importPackage(input),
  },
  hold: {
    options: { ...state, config: { type: 'string' } },
    run: async (input) => (await import('./hold.ts')).hold(input),
  },
  release: {
    options: { ...state, config: { type: 'string' }, reason: { type: 'string' } },
    run: async (input) => (await import('./release.ts')).release(input),
  },
  uninstall: {
    options: {
      ...state,
      config: { type: 'string' },
      code: { type: 'string' },
      force: { type: 'boolean' },
    },
    run: async (input) => (await import('./uninstall.ts')).uninstall(input),
  },
  media: {
    options: { code: { type: 'string' }, run: { type: 'string' } },
    run: async (input) => (await import('./media.ts')).media(input),
  },
  status: {
    options: { ...state, json: { type: 'boolean' } },
    run: async (input) => (await import('./status.ts')).status(input),
  },
  verify: {
    options: { ...state, json: { type: 'boolean' } },
    run: async (input) => (await import('./verify.ts')).verify(input),
  },
  version: {
    options: {},
    run: async (input) => (await import('./version.ts')).version(input),
  },
} satisfies Readonly<Record<string, Command>>

export type CommandName = keyof typeof COMMANDS

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
