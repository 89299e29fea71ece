// The trend chart, and fresh numbers every ten seconds. Without this file the page
// shows the same numbers in tables, as of when it was loaded.

import uPlot from 'uplot'

interface Trend { at: number[], hourly: boolean, time: string, series: { label: string, values: number[] }[] }
interface Fresh { parts: Record<string, string>, trend: Trend }

// Told apart without colour: each line has a dash and a mark of its own.
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], []]
const holder = document.querySelector<HTMLElement>('[data-trend]')
let plot: uPlot | undefined
let shown: Trend

const style = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

function draw(): void {
  if (!holder) return
  const t = shown
  const ink = style('--ink-2'), line = style('--line')
  const colours = [style('--ink-2'), style('--accent'), style('--warn'), style('--good'), style('--bad')]
  const two = (n: number) => String(n).padStart(2, '0')
  // Days and hours are those of UTC+8, whatever the clock of whoever looks says.
  const label = (s: number) => {
    const d = new Date((s + 8 * 3600) * 1000)
    return two(d.getUTCMonth() + 1) + '-' + two(d.getUTCDate()) + (t.hourly ? ' ' + two(d.getUTCHours()) + ':00' : '')
  }
  plot?.destroy()
  holder.textContent = ''
  plot = new uPlot({
    width: holder.clientWidth, height: 260,
    scales: { x: { time: false }, y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.08)] } },
    axes: [
      { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, space: t.hourly ? 92 : 64, values: (_u, at) => at.map(label), incrs: t.hourly ? [3600, 7200, 10800, 21600, 43200, 86400] : [1, 2, 5, 7, 14, 30, 60].map(n => n * 86400) },
      { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, size: 56, values: (_u, at) => at.map(n => Number.isInteger(n) ? n.toLocaleString('en') : '') },
    ],
    legend: { markers: { width: 3, fill: 'transparent', dash: (_u, i) => ['solid', 'dashed', 'dotted', 'dashed', 'solid'][(i - 1) % 5]! } },
    series: [
      { label: t.time, value: (_u, s) => s == null ? '' : label(s) },
      ...t.series.map((s, i): uPlot.Series => ({
        label: s.label, stroke: colours[i % colours.length]!, width: i === t.series.length - 1 ? 3 : 2, dash: dashes[i % dashes.length]!,
        points: { show: t.at.length < 3 || i === t.series.length - 1 && t.at.length < 60, size: 6 },
        value: (_u, n) => n == null ? '' : n.toLocaleString('en'),
      })),
    ],
  }, [t.at, ...t.series.map(s => s.values)] as uPlot.AlignedData, holder)
}

if (holder) {
  shown = JSON.parse(holder.dataset.trend!) as Trend
  holder.hidden = false
  draw()
  let width = holder.clientWidth
  new ResizeObserver(() => {
    if (holder.clientWidth === width) return
    width = holder.clientWidth
    plot?.setSize({ width, height: 260 })
  }).observe(holder)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
}

const fresh = document.querySelector<HTMLElement>('[data-fresh]')
if (fresh) {
  const look = async () => {
    if (document.hidden) return
    const answer = await fetch(fresh.dataset.fresh!, { headers: { 'Clew-Part': '1' } }).catch(() => null)
    if (!answer?.ok) return
    const { parts, trend } = await answer.json() as Fresh
    for (const id in parts) {
      const part = document.getElementById(id)
      // Whoever selects or scrolls in a part keeps it as it is.
      if (part && part.innerHTML !== parts[id] && !part.contains(document.activeElement)) part.innerHTML = parts[id]!
    }
    if (JSON.stringify(trend) !== JSON.stringify(shown)) {
      shown = trend
      draw()
    }
  }
  setInterval(look, 10_000)
  document.addEventListener('visibilitychange', look)
}
