/** The conformance suite at full scale. */
import { testImplementation } from '../../bench/conformance/index.ts';
import kkrt from './index.ts';

testImplementation(kkrt, { optionSets: [{}, { base: 'extended' }] });
