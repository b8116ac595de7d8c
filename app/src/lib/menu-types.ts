/** The menu of a store as the API sends it (GET /stores/{slug}/menu). */

export type IngredientKind = 'soda' | 'syrup' | 'juice' | 'cream' | 'add_in' | 'ice_cream';
export type IceCode = 'none' | 'light' | 'regular' | 'extra';

export interface Share {
  ingredient_id: string;
  /** Relative to the other sodas of the drink. */
  share: number;
}
export interface Pumps {
  ingredient_id: string;
  pumps: number;
}
export interface Portions {
  ingredient_id: string;
  portions: number;
}

export interface Recipe {
  sodas: Share[];
  syrups: Pumps[];
  juices: Portions[];
  creams: Portions[];
  add_ins: Portions[];
  ice_creams: Portions[];
  ice: IceCode;
}

export interface Nutrition {
  kcal: number;
  sugar_g: number;
  caffeine_mg: number;
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
  portion: { name: string; amount: number; unit: 'ml' | 'g' | 'piece' };
  allergens: string[];
  may_contain: string[];
  /** Of one portion; of 100 ml for sodas. */
  nutrition: { per_portion: Nutrition };
  available: boolean;
  unavailable_reason: string | null;
  back_about: string | null;
}
