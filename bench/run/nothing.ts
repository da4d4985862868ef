/**
 * A protocol that does nothing: what a run of it takes is the harness's own share of every time. No
 * contender; {@link measureFloor} plays it.
 */
import type { Implementation } from '../contract.ts';

const nothing: Implementation = {
  id: 'nothing',
  title: 'Nothing',
  summary: 'Does nothing: what remains is the cost of the harness.',
  references: ['METHOD.md'],
  version: '1',
  kind: 'open',
  build: 'ts',
  security: {
    private: false,
    model: 'none: it computes nothing',
    trust: 'nobody',
    assumption: 'none',
    bits: null,
    postQuantum: true,
    learns: {},
    falsePositiveLog2: null,
  },
  options: {},
  available: async () => true,
  receiver: () => ({
    setup: async () => {},
    prepare: async () => {},
    online: async () => new Uint32Array(0),
  }),
  sender: () => ({ setup: async () => {}, prepare: async () => {}, online: async () => {} }),
};

export default nothing;
