import { useEffect, useState } from 'react';

import { findMe, type Place } from '@/lib/location';
import { messageOf } from '@/lib/api';

const PAUSE_MS = 250;

/** `value`, once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** What one looks for: words, or the place where one stands. Asks for the place only in `locate`. */
export function useSearch() {
  const [words, setWords] = useState('');
  const [place, setPlace] = useState<Place | null>(null);
  const [locating, setLocating] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const settled = useSettled(words.trim());
  const locate = async () => {
    setLocating(true);
    setProblem(null);
    try {
      setPlace(await findMe());
      setWords('');
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setLocating(false);
    }
  };
  return { words, setWords, place, locating, problem, locate, search: { ...place, q: settled || undefined } };
}
