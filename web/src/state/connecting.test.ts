import { expect, test } from 'vitest';
import { EMPTY, fieldErrors } from './connecting';

const keys = { ...EMPTY, accessKeyId: 'KEY', secretAccessKey: 'not-a-secret' };

test('keys are enough', () => {
  expect(fieldErrors(keys)).toEqual({});
  expect(
    fieldErrors({
      ...keys,
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:9000',
      logBucket: 'my-logs',
      metricsBucket: 'a.b-c',
      logPrefix: 'logs/',
    }),
  ).toEqual({});
});

test('what is plainly wrong is told at its field', () => {
  const wrong = {
    ...EMPTY,
    region: 'fra 1',
    endpoint: 'not an address',
    logBucket: '-x',
    metricsBucket: 'ab',
    logPrefix: 'лог/',
  };
  expect(Object.keys(fieldErrors(wrong)).toSorted()).toEqual([
    'accessKeyId',
    'endpoint',
    'logBucket',
    'logPrefix',
    'metricsBucket',
    'region',
    'secretAccessKey',
  ]);
});

test('line breaks never reach a header', () => {
  expect(fieldErrors({ ...keys, accessKeyId: 'KEY\r\nX-Region: x' })).toHaveProperty('accessKeyId');
});
