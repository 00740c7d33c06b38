/** Which configuration holds: the named file; else the one in the state folder; else the system's; else the defaults. */
import { resolve } from 'node:path'
import { ShoukouError } from '@shoukou/protocol'
import { type AgentConfig, configOf, readConfigFile } from '../base/config.ts'
import { DEFAULT_CONFIG_FILE, DEFAULT_STATE_FOLDER, stateFolder } from '../base/state-folder.ts'

/** Loads it. @throws ShoukouError `config-invalid`, `config-unknown-key`. */
export async function loadConfig(asked: {
  readonly config: string | undefined
  readonly state: string | undefined
}): Promise<AgentConfig> {
  const state = asked.state === undefined ? undefined : resolve(asked.state)
  if (asked.config !== undefined) {
    const file = await readConfigFile(resolve(asked.config))
    if (file === null)
      throw new ShoukouError('config-invalid', `There is no configuration file ${asked.config}.`)
    return configOf(file, state)
  }
  const beside = state ?? (await readConfigFile(DEFAULT_CONFIG_FILE))?.stateDir ?? DEFAULT_STATE_FOLDER
  const file =
    (await readConfigFile(stateFolder(beside).configFile)) ??
    (await readConfigFile(DEFAULT_CONFIG_FILE)) ??
    {}
  return configOf(file, beside)
}

/** Returns which file that is; null where there is none and the defaults hold. */
export async function configPathOf(asked: {
  readonly config: string | undefined
  readonly state: string | undefined
}): Promise<string | null> {
  if (asked.config !== undefined) return resolve(asked.config)
  const state = asked.state === undefined ? undefined : resolve(asked.state)
  const beside = state ?? (await readConfigFile(DEFAULT_CONFIG_FILE))?.stateDir ?? DEFAULT_STATE_FOLDER
  const { configFile } = stateFolder(beside)
  for (const path of [configFile, DEFAULT_CONFIG_FILE]) if ((await readConfigFile(path)) !== null) return path
  return null
}
