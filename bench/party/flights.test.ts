import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlightClock } from './flights.ts';

test('two messages that answer each other are two flights, two that do not are one', () => {
  const [a, b] = [new FlightClock(), new FlightClock()];
  const first = a.open();
  a.sent(first);
  assert.equal(b.open(), 1);
  b.received(first);
  assert.equal(b.open(), 2);
  a.sent(a.open());
  assert.equal(a.highest, 1);
  assert.equal(b.highest, 1);
});

test('a flight keeps the number it was opened with', () => {
  const clock = new FlightClock();
  const flight = clock.open();
  clock.received(5);
  clock.sent(flight);
  assert.equal(flight, 1);
  assert.equal(clock.open(), 6);
  assert.equal(clock.highest, 5);
});

test('the highest from any party counts, and lower ones later change nothing', () => {
  const clock = new FlightClock();
  clock.received(3);
  clock.received(1);
  assert.equal(clock.open(), 4);
});

test('opening without sending is no flight', () => {
  const clock = new FlightClock();
  clock.open();
  assert.equal(clock.highest, 0);
});

test('a phase starts anew', () => {
  const clock = new FlightClock();
  clock.received(7);
  clock.reset();
  assert.equal(clock.open(), 1);
  assert.equal(clock.highest, 0);
});

test('refuses what is no flight number', () => {
  const clock = new FlightClock();
  for (const flight of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => clock.received(flight), /"flight" expected/);
    assert.throws(() => clock.sent(flight), /"flight" expected/);
  }
});
