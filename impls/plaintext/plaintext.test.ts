import { testImplementation } from '../../bench/conformance.ts';
import plaintext from './index.ts';

testImplementation(plaintext);
