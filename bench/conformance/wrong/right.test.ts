import { testImplementation } from '../index.ts';
import { baseline, baselineHelper } from './right.ts';

testImplementation(baseline);
testImplementation(baselineHelper);
