// A long table is scrolled instead of paged: its rows come in blocks as they near the view and go
// again when they are far, so that ten thousand rows are never in the document at once. Without
// this script the table has pages. What was picked stays picked while its row is away.

const near = "1500px 0px";
const far = "5000px 0px";
const calm = 60; // ms that a block must stay near before it is asked for

class Rows {
  constructor(table) {
    this.table = table;
    this.total = Number(table.dataset.total);
    this.size = Number(table.dataset.size);
    this.count = Math.ceil(this.total / this.size);
    if (this.count < 2) return;
    this.form = table.closest("form");
    this.scroller = table.closest(".table-scroll");
    this.nav = this.form.parentElement.querySelector("nav.pagination");
    this.away = this.form.querySelector("[data-away]") ?? this.keepAway();
    this.waiting = new Map();
    this.current = Number(table.dataset.page);
    this.layOut();
    this.watch();
    this.nav.classList.add("floating");
    this.nav.addEventListener("click", (event) => this.jump(event));
    if (this.current > 1) this.show(this.bodies[this.current - 1]);
    this.say();
  }

  // a table scrolls in its own frame below its head; folded into cards, its head takes no room
  show(body) {
    const head = getComputedStyle(this.table.tHead).position === "absolute" ? 0 : this.table.tHead.offsetHeight;
    this.scroller.scrollTop = body.offsetTop - head;
  }

  keepAway() {
    const host = document.createElement("div");
    host.hidden = true;
    host.dataset.away = "";
    this.form.append(host);
    return host;
  }

  // one tbody for each block: those that are not here yet hold one row as high as theirs will be
  layOut() {
    const known = [...this.table.tBodies];
    if (known.length > 1) {
      this.bodies = known; // put back from the history of the browser
      this.height = known.find((body) => !body.dataset.empty)?.offsetHeight ?? this.size * 48;
      return;
    }
    const [first] = known;
    const rows = first.rows.length || 1;
    this.height = (first.getBoundingClientRect().height / rows) * this.size;
    this.bodies = [];
    const wide = this.table.tHead.rows[0].cells.length;
    for (let number = 1; number <= this.count; number += 1) {
      const body = number === this.current ? first : document.createElement("tbody");
      body.dataset.block = String(number);
      this.bodies.push(body);
      if (body !== first) this.blank(body, wide, this.height);
    }
    first.before(...this.bodies.slice(0, this.current - 1));
    first.after(...this.bodies.slice(this.current));
  }

  blank(body, wide, height) {
    const number = Number(body.dataset.block);
    const rows = Math.min(this.size, this.total - (number - 1) * this.size);
    const row = document.createElement("tr");
    row.className = "away";
    row.setAttribute("aria-hidden", "true");
    const cell = row.insertCell();
    cell.colSpan = wide;
    cell.style.height = `${(height * rows) / this.size}px`;
    body.dataset.empty = "yes";
    body.replaceChildren(row);
  }

  watch() {
    const options = (margin) => ({ root: this.scroller, rootMargin: margin });
    this.nears = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        if (isIntersecting) this.want(target);
        else this.leave(target);
      }
    }, options(near));
    this.fars = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) if (!isIntersecting) this.drop(target);
    }, options(far));
    this.moved = () => {
      if (this.frame) return;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.where();
      });
    };
    this.scroller.addEventListener("scroll", this.moved, { passive: true });
    for (const body of this.bodies) {
      this.nears.observe(body);
      this.fars.observe(body);
    }
  }

  end() {
    for (const each of [this.nears, this.fars]) each?.disconnect();
    this.scroller?.removeEventListener("scroll", this.moved);
  }

  // the block in the middle of what is seen is where one is
  where() {
    const box = this.table.getBoundingClientRect();
    const frame = this.scroller.getBoundingClientRect();
    const middle = (Math.max(frame.top, 0) + Math.min(frame.bottom, innerHeight)) / 2;
    const body = document.elementFromPoint(Math.max(box.left, 0) + 12, middle)?.closest("tbody");
    const number = Number(body?.dataset.block);
    if (!number || number === this.current || !this.table.contains(body)) return;
    this.current = number;
    this.say();
  }

  want(body) {
    if (!body.dataset.empty || this.waiting.has(body)) return;
    const stop = new AbortController();
    const timer = setTimeout(() => this.fetch(body, stop.signal), calm);
    this.waiting.set(body, () => {
      clearTimeout(timer);
      stop.abort();
    });
  }

  leave(body) {
    this.waiting.get(body)?.();
    this.waiting.delete(body);
  }

  async fetch(body, signal) {
    const address = new URL(this.table.dataset.rows, location.href);
    address.searchParams.set("page", body.dataset.block);
    try {
      const answer = await fetch(address, {
        headers: { "HX-Request": "true", "HX-Target": "rows" },
        credentials: "same-origin",
        signal,
      });
      if (!answer.ok) throw new Error(answer.statusText);
      this.fill(body, await answer.text());
    } catch (error) {
      if (signal.aborted) return;
      const [cell] = body.rows[0].cells;
      cell.textContent = "These rows did not arrive. Scroll away and back to ask again.";
    } finally {
      this.waiting.delete(body);
    }
  }

  fill(body, html) {
    const part = document.createElement("template");
    part.innerHTML = `<table><tbody>${html}</tbody></table>`;
    const [made] = part.content.querySelectorAll("tbody");
    body.replaceChildren(...made.rows);
    delete body.dataset.empty;
    for (const pick of body.querySelectorAll("input[name=key]")) {
      const kept = this.away.querySelector(`[value="${CSS.escape(pick.value)}"]`);
      if (!kept) continue;
      pick.checked = true;
      kept.remove();
    }
    window.htmx?.process(body);
    this.where();
    if (body.dataset.focus) {
      delete body.dataset.focus;
      body.querySelector("th a")?.focus({ preventScroll: true });
    }
  }

  drop(body) {
    if (body.dataset.empty || body.contains(document.activeElement)) return;
    if (body.querySelector(".cell-form")) return;
    for (const pick of body.querySelectorAll("input[name=key]:checked")) {
      const kept = document.createElement("input");
      kept.type = "hidden";
      kept.name = "key";
      kept.value = pick.value;
      this.away.append(kept);
    }
    const { height } = body.getBoundingClientRect();
    const wide = this.table.tHead.rows[0].cells.length;
    const rows = body.rows.length || 1;
    this.blank(body, wide, (height / rows) * this.size);
  }

  // the line below the table says where one is and leads to any page of it
  say() {
    const first = (this.current - 1) * this.size + 1;
    const last = Math.min(this.current * this.size, this.total);
    const number = (value) => value.toLocaleString(document.documentElement.lang || "en");
    const [words] = this.nav.children;
    words.textContent = words.textContent.replace(/^\s*\S+–\S+/, `${number(first)}–${number(last)}`);
    const pages = this.nav.querySelector(".pages");
    if (pages && this.said !== this.current) pages.replaceChildren(...this.links());
    this.said = this.current;
    clearTimeout(this.addressing);
    this.addressing = setTimeout(() => {
      if (!this.table.isConnected) return;
      const address = new URL(location.href);
      if (this.current > 1) address.searchParams.set("page", String(this.current));
      else address.searchParams.delete("page");
      history.replaceState(history.state, "", address);
    }, 300);
  }

  links() {
    const wanted = new Set([1, this.count]);
    for (let step = -2; step <= 2; step += 1) {
      const number = this.current + step;
      if (number >= 1 && number <= this.count) wanted.add(number);
    }
    const found = [];
    let before = 0;
    for (const number of [...wanted].sort((a, b) => a - b)) {
      if (number > before + 1) found.push(Object.assign(document.createElement("span"), { className: "off", textContent: "…" }));
      if (number === this.current) {
        const here = Object.assign(document.createElement("span"), { textContent: number });
        here.setAttribute("aria-current", "page");
        found.push(here);
      } else {
        const address = new URL(location.href);
        address.searchParams.set("page", String(number));
        found.push(Object.assign(document.createElement("a"), { href: address.href, textContent: number }));
      }
      before = number;
    }
    return found;
  }

  jump(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const number = Number(new URL(link.href).searchParams.get("page") || 1);
    const body = this.bodies[number - 1];
    if (!body) return;
    event.preventDefault();
    if (body.dataset.empty) body.dataset.focus = "yes";
    this.show(body);
    if (!body.dataset.empty) body.querySelector("th a")?.focus({ preventScroll: true });
    this.current = number;
    this.say();
  }
}

const kept = new Set();

function adopt() {
  for (const rows of kept) {
    if (rows.table.isConnected) continue;
    rows.end();
    kept.delete(rows);
  }
  for (const table of document.querySelectorAll("table[data-rows]")) {
    if ([...kept].some((rows) => rows.table === table)) continue;
    kept.add(new Rows(table));
  }
}

adopt();
document.body.addEventListener("htmx:load", adopt);
document.body.addEventListener("htmx:historyRestore", adopt);
