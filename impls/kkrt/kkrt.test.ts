/** The conformance suite on small sets, since every run makes its base transfers; on larger ones in `kkrt.slow.ts`. */
import { testImplementation } from '../../bench/conformance/index.ts';
import kkrt from './index.ts';

testImplementation(kkrt, { optionSets: [{}, { base: 'extended' }], scale: 0.2 });
