import {
  BaselineSeries,
  CrosshairMode,
  createOptionsChart,
  type IChartApiBase,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  LineStyle,
  type Logical,
} from "lightweight-charts";
import { wholeRupees } from "~/words/money";
import type { Frame, Sample } from "./scale";

/** A profit in ₹ at which the position is left. */
export interface Limit {
  readonly title: string;
  readonly at: number;
}

/** Where places of the frame stand on the screen, in pixels. */
export interface Axis {
  readonly first: number;
  readonly spacing: number;
  readonly width: number;
}

/** The height of the scale beneath, which the style sheet leaves free. */
const SCALE_PX = 28;
const FAINT = "28";
const FAINTEST = "08";

/** The lines on their canvas; what one can take hold of stands above it. */
export class Picture {
  readonly #chart: IChartApiBase<number>;
  readonly #expiry: ISeriesApi<"Baseline", number>;
  readonly #today: ISeriesApi<"Line", number>;
  readonly #box: HTMLElement;
  #limits: IPriceLine[] = [];
  readonly #onMoved: () => void;
  #count = 0;

  constructor(box: HTMLElement, onMoved: () => void, onPointed: (spot: number | null) => void) {
    this.#box = box;
    this.#onMoved = onMoved;
    this.#chart = createOptionsChart(box, {
      autoSize: true,
      layout: { attributionLogo: false, background: { color: "transparent" }, fontSize: 11 },
      localization: { precision: 0, priceFormatter: wholeRupees },
      handleScroll: false,
      handleScale: false,
      crosshair: { mode: CrosshairMode.Magnet, horzLine: { visible: false } },
      timeScale: {
        minBarSpacing: 0.01,
        lockVisibleTimeRangeOnResize: true,
        minimumHeight: SCALE_PX,
      },
      rightPriceScale: { scaleMargins: { top: 0.2, bottom: 0.08 }, borderVisible: false },
    });
    this.#expiry = this.#chart.addSeries(BaselineSeries, {
      lineWidth: 2,
      baseValue: { type: "price", price: 0 },
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.#today = this.#chart.addSeries(LineSeries, {
      lineWidth: 2,
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.#expiry.createPriceLine({ price: 0, axisLabelVisible: false, lineWidth: 1 });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange(onMoved);
    this.#chart.timeScale().subscribeSizeChange(onMoved);
    this.#chart.subscribeCrosshairMove(({ time }) => onPointed(time ?? null));
  }

  show(samples: readonly Sample[], frame: Frame): void {
    this.#expiry.setData(samples.map(({ spot, profit }) => ({ time: spot, value: profit })));
    this.#today.setData(
      samples.flatMap(({ spot, today }) => (today === null ? [] : [{ time: spot, value: today }])),
    );
    this.#count = frame.count;
    this.#chart.timeScale().fitContent();
    this.#onMoved();
  }

  /** Limits within what is to be seen; others would flatten the lines. */
  limit(limits: readonly Limit[]): void {
    for (const line of this.#limits) this.#expiry.removePriceLine(line);
    const style = getComputedStyle(this.#box);
    this.#limits = limits.map(({ title, at }) =>
      this.#expiry.createPriceLine({
        price: at,
        title,
        lineStyle: LineStyle.Dashed,
        lineWidth: 1,
        color: style.getPropertyValue(at < 0 ? "--desk-loss" : "--desk-gain"),
        axisLabelTextColor: style.getPropertyValue("--desk-ground"),
      }),
    );
  }

  /** The colours of the scheme that is shown. */
  paint(): void {
    const style = getComputedStyle(this.#box);
    const of = (name: string) => style.getPropertyValue(name).trim();
    const [gain, loss, line] = [of("--desk-gain"), of("--desk-loss"), of("--payoff-grid")];
    this.#chart.applyOptions({
      layout: { textColor: of("--payoff-text"), fontFamily: of("--mantine-font-family") },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: { vertLine: { color: of("--payoff-text"), labelBackgroundColor: "#495057" } },
      timeScale: { borderColor: line },
    });
    this.#expiry.applyOptions({
      topLineColor: gain,
      topFillColor1: gain + FAINT,
      topFillColor2: gain + FAINTEST,
      bottomLineColor: loss,
      bottomFillColor1: loss + FAINTEST,
      bottomFillColor2: loss + FAINT,
    });
    this.#today.applyOptions({ color: of("--payoff-today") });
    this.#expiry.priceLines()[0]?.applyOptions({ color: of("--payoff-text") });
  }

  axis(): Axis | undefined {
    const scale = this.#chart.timeScale();
    const first = scale.logicalToCoordinate(0 as Logical);
    const last = scale.logicalToCoordinate((this.#count - 1) as Logical);
    if (first === null || last === null || this.#count < 2) return undefined;
    return { first, spacing: (last - first) / (this.#count - 1), width: scale.width() };
  }

  close(): void {
    this.#chart.remove();
  }
}

/** Where a price stands on the screen. */
export function acrossOf(axis: Axis, frame: Frame, price: number): number {
  return axis.first + ((price - frame.low) / frame.step) * axis.spacing;
}

/** Which price stands there. */
export function priceAt(axis: Axis, frame: Frame, across: number): number {
  return frame.low + ((across - axis.first) / axis.spacing) * frame.step;
}
