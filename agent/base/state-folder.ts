/** Where things stand inside the agent's state folder: names only, no I/O. */
import { join } from 'node:path'

export interface StateFolder {
  readonly root: string
  readonly configFile: string
  readonly identity: string
  readonly keyFile: string
  readonly certificateFile: string
  readonly authorityFile: string
  readonly policyKeyFile: string
  readonly identityFile: string
  /** Key and certificate since the first renewal: where it is, the two files of enrolment count no more. */
  readonly pairFile: string
  readonly nextKeyFile: string
  readonly toldSerialFile: string
  readonly spokenKeyFile: string
  readonly sealKeyFile: string
  readonly removalKeyFile: string
  readonly removalFile: string
  readonly removalToldFile: string
  readonly protectionFile: string
  readonly bundleKeyFile: string
  /** What bundles need: the numbers given, what was told of them, packages that wait to be taken. */
  readonly bundles: string
  readonly inbox: string
  readonly requestFile: string
  readonly controlFile: string
  readonly policy: string
  readonly policyFile: string
  readonly acceptedFile: string
  readonly ceilingFile: string
  readonly commandsFile: string
  readonly journal: string
  readonly presentFile: string
  readonly networkFile: string
  readonly networkPictureFile: string
  readonly packetStateFile: string
  readonly witnessFile: string
  readonly runFile: string
  readonly statusFile: string
  readonly lockFile: string
}

export const DEFAULT_STATE_FOLDER = '/var/lib/shoukou/agent'
export const DEFAULT_CONFIG_FILE = '/etc/shoukou/agent.json'

/** Returns the places inside a state folder. */
export function stateFolder(root: string): StateFolder {
  const identity = join(root, 'identity')
  const policy = join(root, 'policy')
  return {
    root,
    configFile: join(root, 'agent.json'),
    identity,
    keyFile: join(identity, 'agent.key'),
    certificateFile: join(identity, 'agent.crt'),
    authorityFile: join(identity, 'authority.crt'),
    policyKeyFile: join(identity, 'policy.pub'),
    identityFile: join(identity, 'identity.json'),
    pairFile: join(identity, 'agent.pem'),
    nextKeyFile: join(identity, 'next-key.json'),
    toldSerialFile: join(identity, 'told-serial.json'),
    spokenKeyFile: join(identity, 'spoken.key'),
    sealKeyFile: join(identity, 'seal.key'),
    removalKeyFile: join(identity, 'removal.key'),
    removalFile: join(root, 'removal.json'),
    removalToldFile: join(root, 'removal-told.json'),
    protectionFile: join(root, 'protection.json'),
    bundleKeyFile: join(identity, 'bundle.pub'),
    bundles: join(root, 'bundles'),
    inbox: join(root, 'inbox'),
    requestFile: join(root, 'enrolment-request.json'),
    controlFile: join(root, 'control.json'),
    policy,
    policyFile: join(policy, 'current.json'),
    acceptedFile: join(policy, 'accepted.json'),
    ceilingFile: join(policy, 'ceiling.json'),
    commandsFile: join(policy, 'commands.json'),
    journal: join(root, 'journal'),
    presentFile: join(root, 'present.json'),
    networkFile: join(root, 'network.json'),
    networkPictureFile: join(root, 'network-picture.json'),
    packetStateFile: join(root, 'packets.json'),
    witnessFile: join(root, 'witness.json'),
    runFile: join(root, 'run.json'),
    statusFile: join(root, 'status.json'),
    lockFile: join(root, 'lock'),
  }
}
