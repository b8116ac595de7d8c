/**
 * The API's shapes by the names that the app uses. They come from the generated schema.ts; where the document says only
 * "string" for a closed set of words, the set stands here. Times are RFC 3339 UTC, money is integer minor units.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

/** The generated shape with some of its members told more exactly. */
type Exactly<Shape, Members> = Omit<Shape, keyof Members> & Members;

export type AppConfig = Schemas['ConfigOut'];

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** weekday 0 is Monday; times are the store's own, "07:00". */
export type StoreDetail = Schemas['StoreDetailOut'];
export type Store = Schemas['StoreOut'];

export type IngredientKind = 'soda' | 'syrup' | 'juice' | 'cream' | 'add_in' | 'ice_cream';
export type IceLevel = 'none' | 'light' | 'regular' | 'extra';
export type Tile = 'peach' | 'mint' | 'violet' | 'butter';

export type Nutrition = Schemas['NutritionOut'];

/** Shares of sodas are integers and relative to each other. */
export type Recipe = Exactly<Schemas['RecipeOut'], { ice: IceLevel }>;
export type Portion = Schemas['PortionOut'];

export type LineRequest = Exactly<Schemas['RequestOut'], { recipe: Recipe }>;
export type Size = Schemas['SizeOut'];
export type Drink = Exactly<Schemas['DrinkOut'], { tile: Tile; recipe: Recipe }>;
export type Ingredient = Exactly<Schemas['IngredientOut'], { kind: IngredientKind }>;
export type Menu = Exactly<
  Schemas['MenuOut'],
  {
    drinks: Drink[];
    ingredients: Ingredient[];
    ice_levels: Exactly<Schemas['IceLevelOut'], { code: IceLevel }>[];
  }
>;

export type PickupMode = 'now' | 'at';
export interface PickupChoice {
  mode: PickupMode;
  at: string | null;
}

export type QuoteLine = Exactly<Schemas['LineOut'], { recipe: Recipe }>;
export interface QuoteRequest {
  store_id: string;
  lines: LineRequest[];
  pickup: PickupChoice | null;
  contact_email: string | null;
}
export type Quote = Exactly<Schemas['QuoteOut'], { lines: QuoteLine[] }>;

export type OrderStatus = Schemas['Status'];
export type Order = Exactly<Schemas['OrderOut'], { lines: QuoteLine[] }>;
export type TimelineEntry = Schemas['TimelineStepOut'];
export type OrderNotice = Schemas['NoticeOut'];
export type PaymentStatus = Schemas['PaymentStateOut']['status'];

export type PlacedOrder = Exactly<Schemas['PlacedOut'], { order: Order }>;
export type PlaceOrderRequest = Schemas['OrderIn'];
export type PaymentStart = Schemas['PaymentOut'];
export type SavedCard = Schemas['MethodOut'];
export type CardSetup = Schemas['SetupOut'];
export type CardSheet = Schemas['SheetOut'];
export type Reorder = Exactly<Schemas['AgainOut'], { lines: LineRequest[] }>;
export type Me = Schemas['MeOut'];
export type Session = Schemas['SessionOut'];
export type Sweetness = Schemas['Sweetness'];
export type Adventure = Schemas['Adventure'];
export type Diet = Schemas['Diet'];
export type Preferences = Schemas['PreferencesOut'];
/** What a person likes; null means: not said. */
export type Tastes = Omit<Preferences, 'tutorial_done'>;
export type HealthNotes = Schemas['HealthOut'];
export type Favourite = Exactly<Schemas['FavouriteOut'], { line: LineRequest }>;
export type MessageChoice = Schemas['MailChoice'];
export type MessageSettings = Schemas['MailSettingsOut'];
export type Purpose = Schemas['PurposeOut'];
export type PrivacyNotice = Schemas['PrivacyNoticeOut'];
export type Consent = Schemas['ConsentOut'];
export type DataExport = Schemas['ExportOut'];
export type Erasure = Schemas['ErasureOut'];
export type MyPrivacy = Schemas['MyPrivacyOut'];
