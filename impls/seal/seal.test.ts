import { testImplementation } from '../../bench/conformance.ts';
import seal from './index.ts';

testImplementation(seal, { scale: 0.25, limitMs: 30_000 });
