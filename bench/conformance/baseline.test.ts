import { testImplementation } from '../conformance.ts';
import { baseline, baselineHelper } from './baseline.ts';

testImplementation(baseline);
testImplementation(baselineHelper);
