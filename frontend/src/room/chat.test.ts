import { expect, test } from "vitest";
import { type Chat, type ChatEvent, EMPTY, nextChat } from "./chat";

const HELLO: ChatEvent = { type: "message", from: "other", text: "Hello", at: 1 };
const REPLY: ChatEvent = { type: "message", from: "me", text: "Good morning", at: 2 };

function after(...events: ChatEvent[]): Chat {
  return events.reduce(nextChat, EMPTY);
}

test("messages stand in the order in which they came", () => {
  expect(after(HELLO, REPLY).messages.map(({ text }) => text)).toEqual(["Hello", "Good morning"]);
});

test("what the other writes while the chat is closed is unread until it is opened", () => {
  expect(after(HELLO, HELLO).unread).toBe(2);
  expect(after(HELLO, HELLO, { type: "open" }).unread).toBe(0);
  expect(after({ type: "open" }, HELLO).unread).toBe(0);
  expect(after({ type: "open" }, { type: "close" }, HELLO).unread).toBe(1);
});

test("one's own words are never unread", () => {
  expect(after(REPLY).unread).toBe(0);
});

test("nothing is left of a chat that is forgotten", () => {
  expect(after(HELLO, { type: "open" }, REPLY, { type: "forget" })).toEqual(EMPTY);
});
