-- Characters of one to four bytes are written as UTF-8 to stdout and stderr. Catches an
-- encoder that stops at the first non-ASCII character.
module Main (main) where

import System.IO

main :: IO ()
main = do
  hSetBuffering stdout LineBuffering
  hSetBuffering stderr LineBuffering
  hGetEncoding stdout >>= print
  putStrLn "ASCII, é à ü ß ñ, Ελληνικά, кириллица, 日本語, 한국어"
  putStrLn "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β = ¬(¬α ∨ β), ℵ₀ ⊂ 𝔠"
  putStrLn "😀 🐪 𝄞"
  hPutStrLn stderr "stderr: → ✓"
  print "é 日 😀"
  putStrLn (concatMap (\n -> [toEnum n]) [0x20AC, 0x10FFFD, 0xA0, 0x7FF, 0x800, 0xFFFD])
