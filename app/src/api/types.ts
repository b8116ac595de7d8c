/** The API's shapes (docs/api.md). Times are RFC 3339 UTC, money is integer minor units, ids are UUIDv7. */

export interface AppConfig {
  mode: 'sandbox' | 'live';
  stripe: { publishable_key: string; script_url: string | null; statement_text: string };
  live_url: string;
  min_version: string;
  map: null;
}

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Store {
  id: string;
  slug: string;
  name: string;
  address: string;
  city: string;
  region: string;
  lat: number;
  lon: number;
  timezone: string;
  currency: string;
  distance_m: number | null;
  open: boolean;
  opens_at: string | null;
  closes_at: string | null;
  open_today: { opens: string; closes: string } | null;
  accepting_orders: boolean;
  reason: string | null;
  ready_in_seconds: number;
}

export interface StoreDetail extends Store {
  /** weekday 0 is Monday; times are the store's own, "07:00". */
  hours: { weekday: number; opens: string; closes: string }[];
}

export type IngredientKind = 'soda' | 'syrup' | 'juice' | 'cream' | 'add_in' | 'ice_cream';
export type IceLevel = 'none' | 'light' | 'regular' | 'extra';
export type Tile = 'peach' | 'mint' | 'violet' | 'butter';

export interface Nutrition {
  kcal: number;
  sugar_g: number;
  caffeine_mg: number;
}

export interface Recipe {
  /** Shares are integers and relative to each other. */
  sodas: { ingredient_id: string; share: number }[];
  syrups: { ingredient_id: string; pumps: number }[];
  juices: { ingredient_id: string; portions: number }[];
  creams: { ingredient_id: string; portions: number }[];
  add_ins: { ingredient_id: string; portions: number }[];
  ice_creams: { ingredient_id: string; portions: number }[];
  ice: IceLevel;
}

export interface LineRequest {
  drink_id: string | null;
  name: string | null;
  size: string;
  quantity: number;
  recipe: Recipe;
}

export interface Size {
  code: string;
  name: string;
  oz: number;
  volume_ml: number;
  price_cents: number;
}

export interface Drink {
  id: string;
  slug: string;
  name: string;
  description: string;
  categories: string[];
  tile: Tile;
  season: { from: string; to: string } | null;
  default_size: string;
  recipe: Recipe;
  price_cents: number;
  allergens: string[];
  available: boolean;
  unavailable_reason: string | null;
  popularity: number;
}

export interface Ingredient {
  id: string;
  slug: string;
  name: string;
  kind: IngredientKind;
  flavour_family: string | null;
  color: string;
  opacity: number;
  diet: boolean;
  price_cents: number;
  portion: { name: string; amount: number; unit: string; volume_ml?: number };
  allergens: string[];
  may_contain: string[];
  nutrition: { per_portion: Nutrition };
  available: boolean;
  unavailable_reason: string | null;
  back_about: string | null;
}

export interface Menu {
  store_id: string;
  currency: string;
  tax_rate_bps: number;
  generated_at: string;
  categories: { code: string; name: string }[];
  sizes: Size[];
  ice_levels: { code: IceLevel; name: string; share: number }[];
  rules: {
    max_drinks: number;
    max_per_line: number;
    max_pumps_per_syrup: number;
    max_syrups: number;
    max_addins: number;
    max_sodas: number;
    max_creams: number;
    max_juices?: number;
    max_ice_creams?: number;
    max_portions?: number;
    max_share?: number;
    min_soda_percent?: number;
    max_name_length?: number;
  };
  drinks: Drink[];
  ingredients: Ingredient[];
}

export type PickupMode = 'now' | 'at';
export interface PickupChoice {
  mode: PickupMode;
  at: string | null;
}

export interface QuoteLine {
  name: string;
  size: string;
  quantity: number;
  unit_price_cents: number;
  total_cents: number;
  allergens: string[];
  may_contain: string[];
  nutrition: Nutrition;
  recipe: Recipe;
}

export interface QuoteRequest {
  store_id: string;
  lines: LineRequest[];
  pickup: PickupChoice | null;
  contact_email: string | null;
}

export interface Quote {
  id: string;
  store: { id: string; slug: string; name: string; timezone: string };
  expires_at: string;
  currency: string;
  lines: QuoteLine[];
  subtotal_cents: number;
  tax_cents: number;
  total_cents: number;
  ready_in_seconds: number;
  ready_at: string;
  pickup: PickupChoice | null;
}

export type OrderStatus =
  | 'payment_pending'
  | 'paid'
  | 'queued'
  | 'preparing'
  | 'ready'
  | 'picked_up'
  | 'cancelled'
  | 'expired'
  | 'failed'
  | 'discarded';

export type PaymentStatus = 'none' | 'requires_method' | 'requires_action' | 'processing' | 'failed' | 'succeeded';

export interface TimelineEntry {
  status: string;
  at: string;
  text: string;
}

export interface Order {
  id: string;
  code: string;
  store: {
    id: string;
    slug: string;
    name: string;
    address: string;
    timezone: string;
    lat: number;
    lon: number;
  };
  status: OrderStatus;
  status_text: string;
  placed_at: string;
  currency: string;
  subtotal_cents: number;
  tax_cents: number;
  total_cents: number;
  lines: QuoteLine[];
  pickup: { mode: PickupMode | null; at: string | null };
  ready_at: string | null;
  expires_at: string | null;
  can_cancel: boolean;
  can_choose_pickup: boolean;
  can_pay: boolean;
  payment: { status: PaymentStatus; message: string | null; attempts: number };
  refund: { status: 'pending' | 'succeeded' | 'failed'; amount_cents: number; reason: string } | null;
  door: { number: number } | null;
  pickup_code: { text: string; qr_svg_url: string | null; qr_text: string } | null;
  progress: { drink_index: number; drinks: number; step_text: string; share: number } | null;
  timeline: TimelineEntry[];
  version: number;
}

export interface PlacedOrder {
  order: Order;
  order_token: string;
}

export interface PaymentStart {
  payment_id: string;
  client_secret: string;
  status: string;
  amount_cents: number;
  currency: string;
}

export interface Reorder {
  lines: LineRequest[];
  unavailable: string[];
}

export interface Me {
  email_hint: string;
  name: string;
  roles: string[];
}
