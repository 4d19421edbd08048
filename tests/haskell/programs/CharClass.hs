-- Unicode classes and case conversions over the whole range, by count; escapes in show.
module Main (main) where

import Data.Char
import qualified Data.Map as M

main :: IO ()
main = do
  let cs = ['\0' .. '\x2FFF'] ++ ['\xFF00' .. '\xFFFF'] ++ ['\x10400' .. '\x1044F'] ++ ['\x1F600', '\x10FFFF']
  mapM_ (\(n, p) -> putStrLn (n ++ " " ++ show (length (filter p cs)))) [("alpha", isAlpha), ("digit", isDigit), ("number", isNumber), ("space", isSpace), ("upper", isUpper), ("lower", isLower), ("punctuation", isPunctuation), ("symbol", isSymbol), ("print", isPrint), ("control", isControl), ("mark", isMark), ("separator", isSeparator)]
  print (M.toList (M.fromListWith (+) [(generalCategory c, 1 :: Int) | c <- cs]))
  print (sum (map (ord . toUpper) cs), sum (map (ord . toLower) cs), sum (map (ord . toTitle) cs))
  print (map toUpper "straße ÿ ǆ я ω", map toLower "ÀÉ ΑΩ ЖЯ")
  print ("\0\t\n\r\DEL\200\1234\&5\"\\\SO\&H", '\'', '\x1F600')
  print (map digitToInt "09afAF", map intToDigit [0 .. 15], chr 955, ord 'é', isAscii 'é', isLatin1 'é', isHexDigit 'g')
