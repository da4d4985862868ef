/** The two implementations that run in the enclave; tests make further ones, with hostile hosts. */

import type { HelperParty, Implementation, Role, Session } from '../../bench/contract.ts';
import type { Client } from '../primitives/third-party/client.ts';
import { clients } from '../primitives/third-party/clients.ts';
import { type Agreement, MAX_ITEMS } from '../primitives/third-party/greeting.ts';
import type { Expectation } from './attested/check.ts';
import { PSI_GUEST } from './guests/psi-guest.ts';
import type { EnclaveKeeper } from './host.ts';
import { imagesAreBuilt } from './images/built.ts';
import type { LaunchOptions } from './runtime/launcher.ts';
import {
  DEVICES_OPTION,
  ISOLATION_OPTION,
  type IsolationOptions,
  isolationAvailable,
  isolationDescription,
  isolationHardware,
  launchOptions,
} from './vm/isolation-option.ts';

/** What tests replace: how the host starts the enclave, and what clients demand. */
export interface Variation {
  readonly launch?: Omit<LaunchOptions, 'guest'>;
  readonly expect?: Partial<Expectation>;
}

/** Of both variants; the oblivious one always uploads digests. */
type Options = IsolationOptions & { readonly upload?: Agreement['upload'] };

const SHARED: Omit<
  Implementation,
  'id' | 'title' | 'summary' | 'security' | 'options' | 'receiver' | 'sender'
> = {
  references: [
    'AWS Nitro Enclaves: cryptographic attestation (COSE_Sign1 documents)',
    'RFC 9180 (HPKE)',
    'K. E. Batcher, Sorting networks and their applications, 1968',
  ],
  version: '3',
  unseeded: 'the enclave draws its own random bytes, and documents carry the time: only sizes repeat',
  kind: 'enclave',
  hardware: isolationHardware,
  build: 'enclave-simulated',
  keeps: ['the launched enclave', 'the measurement of the own copy of its code'],
  outputs: ['intersection', 'cardinality', 'threshold'],
  limits: { receiver: MAX_ITEMS, sender: MAX_ITEMS },
  async available(options: IsolationOptions) {
    const built = imagesAreBuilt();
    if (built !== true) return built;
    return isolationAvailable(options);
  },
  async load(role: Role) {
    await (role === 'helper' ? hostCode() : clientCode());
  },
};

/** A client starts no enclave, and a host verifies none: each loads its own side's code. */
const clientCode = async () => ({ ...(await import('./client.ts')), ...(await import('./expectation.ts')) });
const hostCode = () => import('./host.ts');

/** One variant of the implementation. */
export function enclaveImplementation(join: Agreement['join'], variation: Variation = {}): Implementation {
  const keepers = new Map<string, EnclaveKeeper>();
  const keeperOf = async (options: Options): Promise<EnclaveKeeper> => {
    const { EnclaveKeeper } = await hostCode();
    const key = `${options.isolation} ${options.devices}`;
    const keeper =
      keepers.get(key) ?? new EnclaveKeeper({ ...launchOptions(PSI_GUEST, options), ...variation.launch });
    keepers.set(key, keeper);
    return keeper;
  };
  const upload = ({ upload = 'digests' }: Options): Agreement['upload'] => upload;
  const connect = async (session: Session<Options>): Promise<Client> => {
    const { connectAttested, expectation } = await clientCode();
    const { options, output } = session;
    const demands = () => ({ ...expectation(options), ...variation.expect });
    return connectAttested(session, demands, { join, upload: upload(options), output });
  };

  return {
    ...SHARED,
    ...(join === 'oblivious' ? OBLIVIOUS : PLAIN),
    engine: (options: Options) =>
      `${engineName(join, upload(options))}; isolation: ${isolationDescription(options)}`,
    ...clients(connect),
    helper: (session: Session<Options>) => helperParty(session, () => keeperOf(session.options)),
  };
}

/** The host's party, of code that is loaded when it begins. */
function helperParty(session: Session, keeper: () => Promise<EnclaveKeeper>): HelperParty {
  let party: HelperParty | undefined;
  return {
    async setup() {
      const { hostParty } = await hostCode();
      party = hostParty(session, await keeper());
      await party.setup?.();
    },
    async online(items) {
      await party?.online(items);
    },
    close: () => party?.close?.(),
  };
}

function engineName(join: Agreement['join'], upload: Agreement['upload']): string {
  if (join === 'oblivious') return 'bitonic merge (wasm)';
  return upload === 'digests' ? 'merge (ts)' : 'hash join (wasm)';
}

const SECURITY = {
  private: true,
  assumption: 'gap-CDH on X25519, AES-256-GCM, ECDSA P-384, and the hardware (which is simulated here)',
  bits: 126,
  postQuantum: false,
  falsePositiveLog2: -80,
} as const;

type Declaration = Pick<Implementation, 'id' | 'title' | 'summary' | 'security' | 'options'>;

const PLAIN: Declaration = {
  id: 'enclave',
  title: 'Attested enclave',
  summary:
    'Both parties verify what code an enclave runs, then send it their sets, digested; it merges them.',
  security: {
    ...SECURITY,
    model: 'attested enclave',
    trust: "the enclave's maker, the measured code, and that the host cannot watch memory accesses",
    learns: {
      helper:
        'by the time that the merge takes, a little of how the two sets interleave; if it can watch memory accesses, all of it, and which items are shared',
    },
  },
  options: {
    isolation: ISOLATION_OPTION,
    devices: DEVICES_OPTION,
    upload: {
      type: 'enum',
      values: ['digests', 'items'],
      default: 'digests',
      description:
        'what the enclave gets: salted digests, or the items (an upload then shows their total length)',
    },
  },
};

const OBLIVIOUS: Declaration = {
  id: 'enclave-oblivious',
  title: 'Attested enclave, oblivious join',
  summary: 'As enclave, with a join whose memory accesses depend on the two set sizes alone.',
  security: {
    ...SECURITY,
    model: 'attested enclave',
    trust: "the enclave's maker and the measured code",
    learns: {},
  },
  options: { isolation: ISOLATION_OPTION, devices: DEVICES_OPTION },
};
