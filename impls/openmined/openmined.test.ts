import { testImplementation } from '../../bench/conformance/index.ts';
import openmined from './index.ts';

// Slow, so with the smallest sets; the exact structure is in `openmined.slow.ts`.
testImplementation(openmined, { scale: 0.05 });
