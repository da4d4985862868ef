import { testImplementation } from '../../bench/conformance/index.ts';
import { enclave, enclaveOblivious } from './index.ts';

testImplementation(enclave);
testImplementation(enclaveOblivious);
testImplementation(enclave, {
  options: { upload: 'items' },
  skip: [
    {
      reason:
        'the length of an upload tells the total length of the items, rounded up (../plaintext/README.md)',
      checks: ['sends messages whose sizes do not depend on the length of items'],
    },
  ],
});
