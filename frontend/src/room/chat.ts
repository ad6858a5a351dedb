export interface Message {
  readonly from: "me" | "other";
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What was written during this visit. It lives in this page alone, and is forgotten with it. */
export interface Chat {
  readonly open: boolean;
  readonly messages: readonly Message[];
  readonly unread: number;
}

export type ChatEvent =
  | ({ type: "message" } & Message)
  | { type: "open" }
  | { type: "close" }
  | { type: "forget" };

export const EMPTY: Chat = { open: false, messages: [], unread: 0 };

export function nextChat(chat: Chat, event: ChatEvent): Chat {
  switch (event.type) {
    case "message": {
      const { from, text, at } = event;
      const missed = from === "other" && !chat.open ? 1 : 0;
      return {
        ...chat,
        messages: [...chat.messages, { from, text, at }],
        unread: chat.unread + missed,
      };
    }
    case "open":
      return { ...chat, open: true, unread: 0 };
    case "close":
      return { ...chat, open: false };
    case "forget":
      return EMPTY;
  }
}
