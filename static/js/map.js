// Paints the map of initiatives on a canvas: ten thousand marks once, then only the one under
// the pointer or the keys, so that moving over it costs almost nothing.

const cell = 24; // pixels of a square of the index that finds the mark under the pointer
const edges = { left: 64, right: 12, top: 10, bottom: 34 };

function colour(name) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

class RiskMap {
  constructor(host, data) {
    this.host = host;
    this.data = data;
    this.canvas = host.querySelector("canvas.marks");
    this.over = host.querySelector("canvas.over");
    this.tip = host.querySelector(".map-tip");
    this.picked = -1;
    this.paint();
    this.over.addEventListener("pointermove", (event) => this.point(event));
    this.over.addEventListener("pointerleave", () => this.pick(-1));
    this.over.addEventListener("click", () => this.open());
    this.over.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => {
      if (Math.abs(this.width - this.over.clientWidth) > 1) this.paint();
    }).observe(host);
    for (const change of ["themechange"]) {
      document.addEventListener(change, () => this.host.isConnected && this.paint());
    }
  }

  prepare(canvas) {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(this.width * ratio);
    canvas.height = Math.round(this.height * ratio);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    return pen;
  }

  paint() {
    this.width = this.over.clientWidth;
    this.height = this.over.clientHeight;
    this.left = this.width < 520 ? 48 : edges.left;
    const { x, y, marks } = this.data;
    const wide = this.width - this.left - edges.right;
    const high = this.height - edges.top - edges.bottom;
    this.at = {
      x: (value) => this.left + ((value - x.range[0]) / (x.range[1] - x.range[0])) * wide,
      y: (value) => edges.top + (1 - (value - y.range[0]) / (y.range[1] - y.range[0])) * high,
    };
    this.scale = this.width < 520 ? 0.6 : 1;
    const pen = this.prepare(this.canvas);
    this.pen = this.prepare(this.over);
    this.axes(pen);
    this.index = new Map();
    const usual = colour("ramp-2");
    const above = colour("bad");
    this.mark = colour("ink");
    pen.lineWidth = 1.4;
    for (let i = 0; i < marks.x.length; i += 1) {
      const px = this.at.x(marks.x[i]);
      const py = this.at.y(marks.y[i]);
      const radius = marks.radius[i] * this.scale;
      pen.beginPath();
      pen.arc(px, py, radius, 0, 7);
      pen.globalAlpha = marks.tone[i] ? 0.28 : 0.42;
      pen.fillStyle = marks.tone[i] ? above : usual;
      pen.fill();
      pen.globalAlpha = marks.tone[i] ? 1 : 0.55;
      pen.strokeStyle = marks.tone[i] ? above : usual;
      pen.stroke();
      this.file(i, px, py, radius);
    }
    pen.globalAlpha = 1;
    this.pick(this.picked);
    this.host.dataset.drawn = String(marks.x.length);
  }

  axes(pen) {
    const { x, y } = this.data;
    pen.clearRect(0, 0, this.width, this.height);
    pen.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    pen.lineWidth = 1;
    const line = colour("line");
    const words = colour("muted");
    for (const [value, text] of y.ticks) {
      const py = Math.round(this.at.y(value)) + 0.5;
      pen.strokeStyle = value === 0 ? colour("control") : line;
      pen.beginPath();
      pen.moveTo(this.left, py);
      pen.lineTo(this.width - edges.right, py);
      pen.stroke();
      pen.fillStyle = words;
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      pen.fillText(text, this.left - 6, py);
    }
    pen.textAlign = "center";
    pen.textBaseline = "top";
    const narrow = this.width < 520;
    for (const [value, text] of x.ticks) {
      const short = narrow ? text.replace("Not assessed", "none").replace("Very ", "v. ") : text;
      pen.fillText(short.toLowerCase(), this.at.x(value), this.height - edges.bottom + 10);
    }
  }

  file(i, px, py, radius) {
    const first = [Math.floor((px - radius) / cell), Math.floor((py - radius) / cell)];
    const last = [Math.floor((px + radius) / cell), Math.floor((py + radius) / cell)];
    for (let column = first[0]; column <= last[0]; column += 1) {
      for (let row = first[1]; row <= last[1]; row += 1) {
        const place = column * 4096 + row;
        if (!this.index.has(place)) this.index.set(place, []);
        this.index.get(place).push(i);
      }
    }
  }

  point(event) {
    const px = event.offsetX;
    const py = event.offsetY;
    const near = this.index.get(Math.floor(px / cell) * 4096 + Math.floor(py / cell)) ?? [];
    const { marks } = this.data;
    // the last painted lies on top
    for (let at = near.length - 1; at >= 0; at -= 1) {
      const i = near[at];
      const radius = marks.radius[i] * this.scale + 1;
      const dx = px - this.at.x(marks.x[i]);
      const dy = py - this.at.y(marks.y[i]);
      if (dx * dx + dy * dy <= radius * radius) {
        this.pick(i);
        return;
      }
    }
    this.pick(-1);
  }

  pick(i) {
    const { marks } = this.data;
    this.picked = i;
    this.pen.clearRect(0, 0, this.width, this.height);
    this.tip.hidden = i < 0;
    this.over.classList.toggle("pointing", i >= 0);
    if (i < 0) return;
    const px = this.at.x(marks.x[i]);
    const py = this.at.y(marks.y[i]);
    this.pen.beginPath();
    this.pen.arc(px, py, marks.radius[i] * this.scale + 2, 0, 7);
    this.pen.lineWidth = 2;
    this.pen.strokeStyle = this.mark;
    this.pen.stroke();
    const level = this.data.x.ticks[Math.round(marks.x[i])][1].toLowerCase();
    const above = marks.tone[i] ? ", above appetite" : "";
    this.tip.textContent = `${marks.key[i]} ${marks.name[i]}: to go ${marks.to_go[i]}, spend ${marks.spend[i]}, risk ${level}${above}`;
    const tipWide = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(0, Math.min(px + 12, this.width - tipWide))}px`;
    this.tip.style.top = `${py > this.height / 2 ? py - this.tip.offsetHeight - 14 : py + 14}px`;
  }

  open() {
    if (this.picked >= 0) {
      location.assign(this.host.dataset.open.replace("KEY", this.data.marks.key[this.picked]));
    }
  }

  key(event) {
    const count = this.data.marks.x.length;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && count) {
      event.preventDefault();
      this.pick((this.picked + step + count) % count);
    } else if (event.key === "Enter") {
      this.open();
    } else if (event.key === "Escape") {
      this.pick(-1);
    }
  }
}

async function adopt(root) {
  for (const host of root.querySelectorAll?.("[data-map]") ?? []) {
    if (host.dataset.adopted) continue;
    host.dataset.adopted = "yes";
    try {
      const answer = await fetch(host.dataset.map, { credentials: "same-origin" });
      if (!answer.ok) throw new Error("The map did not arrive.");
      host.map = new RiskMap(host, await answer.json());
      host.querySelector(".wait")?.remove();
    } catch (error) {
      host.querySelector(".wait").textContent = `${error.message} The table has the figures.`;
    }
  }
}

adopt(document);
document.body.addEventListener("htmx:load", (event) => adopt(event.detail.elt.parentElement ?? document));
