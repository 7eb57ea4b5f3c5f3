// The WebSocket: connects again by itself, and gives every request its answer.

const WAITS = [500, 1000, 2000, 5000];

export class Link {
  constructor(handlers) {
    this.handlers = handlers;
    this.open = new Map();
    this.next = 1;
    this.tries = 0;
    this.connect();
  }

  connect() {
    const secure = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(secure + "//" + location.host + "/api");
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => this.received(event.data);
    socket.onclose = () => this.lost();
    this.socket = socket;
  }

  lost() {
    for (const { reject } of this.open.values()) reject(new Error("the connection was lost"));
    this.open.clear();
    this.handlers.lost();
    setTimeout(() => this.connect(), WAITS[Math.min(this.tries++, WAITS.length - 1)]);
  }

  received(data) {
    if (typeof data !== "string") return this.handlers.frame(data);
    const message = JSON.parse(data);
    if (message.type === "hello") this.tries = 0;
    const asked = message.id === undefined ? undefined : this.open.get(message.id);
    if (asked) {
      this.open.delete(message.id);
      if (message.type === "reply") asked.resolve(message.result);
      else asked.reject(new Error(message.message));
    } else {
      this.handlers[message.type]?.(message);
    }
  }

  ask(type, fields = {}) {
    return new Promise((resolve, reject) => {
      if (this.socket.readyState !== WebSocket.OPEN) return reject(new Error("not connected"));
      const id = this.next++;
      this.open.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ v: 1, id, type, ...fields }));
    });
  }
}
