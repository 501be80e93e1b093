// Every <figure data-chart> comes with a drawing made by the server. Plotly takes its place, at the
// same size, when somebody points at it: then figures answer. plotly.js arrives once, and only then.
// Colours come from the CSS custom properties of the current theme.

const plotlyAddress = document.querySelector('meta[name="plotly"]')?.content;
const narrowBelow = 520; // as in charts.css
const stayed = 100; // milliseconds; who only passes over a chart wants nothing of it
const drawn = new Map(); // figure element -> plain figure
let loading = null;

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = plotlyAddress;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = null;
      reject(new Error("The chart library did not arrive."));
    };
    document.head.append(script);
  });
  return loading;
}

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

function themed(value, tokens) {
  // light values in the figure carry the name of a token: give its value in this theme
  const found = new Map();
  const read = (hex) => {
    if (!found.has(hex)) {
      probe.style.color = `var(--${tokens[hex]})`;
      found.set(hex, getComputedStyle(probe).color);
    }
    return found.get(hex);
  };
  const walk = (part) => {
    if (typeof part === "string") return part in tokens ? read(part) : part;
    if (Array.isArray(part)) return part.map(walk);
    if (part && typeof part === "object") {
      return Object.fromEntries(
        Object.entries(part).map(([key, inner]) => [key, key === "meta" ? inner : walk(inner)]),
      );
    }
    return part;
  };
  return walk(value);
}

function layoutFor(figure, width) {
  const { meta, ...layout } = figure.layout;
  const narrow = width < narrowBelow ? meta.narrow : {};
  return { ...layout, ...narrow, width, height: layout.height, autosize: false };
}

const quiet = { displayModeBar: false, responsive: false, doubleClick: false, scrollZoom: false };

function source(host) {
  if (drawn.has(host)) return drawn.get(host);
  const holder = host.querySelector('script[type="application/json"]');
  const figure = holder ? JSON.parse(holder.textContent) : null;
  if (figure) drawn.set(host, figure);
  return figure;
}

const turns = new WeakMap(); // one drawing at a time per chart; a newer wish waits for the older

function draw(host) {
  const turn = (turns.get(host) ?? Promise.resolve()).then(() => drawNow(host));
  turns.set(host, turn);
  return turn;
}

async function drawNow(host) {
  const canvas = host.querySelector(".canvas");
  const figure = source(host);
  if (!canvas || !figure || !host.isConnected) return;
  try {
    const plotly = await loadPlotly();
    const plot = canvas.querySelector(".plot");
    const width = Math.max(canvas.clientWidth, 240);
    const { data, layout } = themed(
      { data: figure.data, layout: layoutFor(figure, width) },
      figure.layout.meta.tokens,
    );
    await plotly.newPlot(plot, data, layout, quiet);
    canvas.classList.add("drawn");
    canvas.querySelector(".wait").textContent = "";
    host.dataset.drawn = String(width);
    resized.observe(canvas);
  } catch (error) {
    canvas.querySelector(".wait").textContent = `${error.message} The table view has the figures.`;
  }
}

document.addEventListener("pointerover", (event) => {
  const canvas = event.target.closest?.("[data-chart] .canvas:not(.blank)");
  const host = canvas?.closest("[data-chart]");
  if (!host || host.dataset.drawn || host.dataset.wanted) return;
  host.dataset.wanted = "yes";
  setTimeout(async () => {
    if (event.pointerType === "touch" || canvas.matches(":hover")) await draw(host);
    delete host.dataset.wanted;
  }, stayed);
});

const resized = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const host = entry.target.closest("[data-chart]");
    const width = Math.max(Math.round(entry.contentRect.width), 240);
    if (host?.dataset.drawn && width > 240 && Math.abs(Number(host.dataset.drawn) - width) > 2) {
      draw(host);
    }
  }
});

function redrawAll() {
  for (const host of [...drawn.keys()]) {
    if (!host.isConnected) drawn.delete(host);
    else if (host.dataset.drawn) draw(host);
  }
}

function save(name, type, content) {
  const link = document.createElement("a");
  link.download = name;
  link.href = typeof content === "string" && content.startsWith("data:")
    ? content
    : URL.createObjectURL(new Blob([content], { type }));
  document.body.append(link);
  link.click();
  link.remove();
  if (link.href.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

function csv({ head, rows }) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    const text = String(value);
    const risky = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(risky) ? `"${risky.replaceAll('"', '""')}"` : risky;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

async function download(host, format) {
  const figure = source(host);
  const meta = figure.layout.meta;
  const name = host.dataset.chart;
  if (format === "csv") {
    save(`${name}.csv`, "text/csv;charset=utf-8", `\ufeff${csv(meta.table)}`);
    return;
  }
  const plotly = await loadPlotly();
  const width = 1000;
  const layout = layoutFor(figure, width);
  layout.title = { text: meta.title, x: 0.01, xanchor: "left", font: { size: 15 } };
  layout.margin = { ...layout.margin, t: 56 };
  layout.height += 56;
  const words = { data: figure.data, layout };
  const image = await plotly.toImage(words, { format, width, height: layout.height, scale: 2 });
  save(`${name}.${format}`, `image/${format}`, image.startsWith("data:image/svg")
    ? decodeURIComponent(image.slice(image.indexOf(",") + 1))
    : image);
}

document.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-chart-tool]");
  if (!tool) return;
  const host = tool.closest("[data-chart]");
  const what = tool.dataset.chartTool;
  if (what === "table") {
    const table = host.querySelector(".chart-table");
    table.hidden = !table.hidden;
    host.querySelector(".canvas").hidden = !table.hidden;
    tool.setAttribute("aria-pressed", String(!table.hidden));
    return;
  }
  tool.closest("[popover]")?.hidePopover();
  download(host, what);
});

document.addEventListener("themechange", redrawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
