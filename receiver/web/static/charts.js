"use strict";

// Draws every <canvas data-chart>: see the macro `chart` in templates/pages/parts.html.
// The colours are Okabe and Ito's, which people who see few colours tell apart; in dark lighter ones.
const LIGHT = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a6d00", "#5c5c5c"];
const DARK = ["#56b4e9", "#f0b83d", "#2fc79b", "#e3a3c6", "#9fd3f5", "#ff8a4c", "#f0e442", "#b0b0b0"];
const darkness = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

function drawCharts() {
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    drawn.get(canvas)?.destroy();
    drawn.set(canvas, new Chart(canvas, configOf(JSON.parse(canvas.dataset.chart))));
  }
}

function configOf(data) {
  const colours = darkness.matches ? DARK : LIGHT;
  const datasets = data.series.map((series, i) => ({
    label: series.label,
    data: series.values.map((value) => value === null ? null : Number(value)), // for the eye alone: the table has the exact amounts
    backgroundColor: colours[i % colours.length],
    borderColor: colours[i % colours.length],
    borderWidth: data.kind === "lines" ? 2 : 0,
    pointRadius: 3,
    tension: 0,
    ...(series.are_marks ? marks() : {}),
  }));
  return { type: data.kind === "lines" ? "line" : "bar", data: { labels: labelsOf(data), datasets }, options: optionsOf(data) };
}

function marks() {
  const bad = getComputedStyle(document.documentElement).getPropertyValue("--bad").trim();
  return { type: "line", order: -1, showLine: false, pointStyle: "crossRot", pointRadius: 6, borderWidth: 3, borderColor: bad, backgroundColor: bad };
}

function labelsOf(data) {
  if (!data.are_moments) return data.labels;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  return data.labels.map((moment) => format.format(new Date(moment)));
}

function optionsOf(data) {
  const style = getComputedStyle(document.documentElement);
  const text = style.getPropertyValue("--pico-muted-color").trim();
  const line = style.getPropertyValue("--pico-muted-border-color").trim();
  const stacked = data.kind === "stacked";
  const usePointStyle = data.series.some((series) => series.are_marks);
  const maxTicksLimit = data.are_moments ? 4 : undefined; // each is long
  return {
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    plugins: {
      legend: { display: data.series.length > 1, position: "bottom", labels: { color: text, boxWidth: 12, usePointStyle } },
      tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${written(item.raw, data.places)}` } },
    },
    scales: {
      x: { stacked, ticks: { color: text, maxTicksLimit, maxRotation: data.are_moments ? 0 : 50 }, grid: { display: false } },
      y: { stacked, beginAtZero: true, ticks: { color: text, callback: (value) => short(value) }, grid: { color: line } },
    },
  };
}

function written(value, places) {
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return new Intl.NumberFormat(document.documentElement.lang, digits).format(value);
}

function short(value) {
  return new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(value);
}

darkness.addEventListener("change", drawCharts);
document.addEventListener("htmx:after:swap", drawCharts);
drawCharts();
