import { testImplementation } from '../../bench/conformance.ts';
import hash from './index.ts';

testImplementation(hash);
testImplementation(hash, { options: { salt: true } });
