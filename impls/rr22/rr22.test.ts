import { testImplementation } from '../../bench/conformance/index.ts';
import rr22 from './index.ts';

testImplementation(rr22);
testImplementation(rr22, { options: { okvs: 'band', ot: 'softspoken' }, scale: 0.3 });
