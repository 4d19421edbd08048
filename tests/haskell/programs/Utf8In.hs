-- UTF-8 input with characters of two, three and four bytes is decoded; a wrong byte is an error
-- that can be caught. Catches a locale that is not UTF-8.
module Main (main) where

import Data.Char
import System.IO
import System.IO.Error

main :: IO ()
main = do
  hGetEncoding stdin >>= print
  l <- getLine
  print l
  print (map ord l)
  putStrLn (map toUpper l)
  putStrLn (reverse l)
  r <- tryIOError getLine
  print (either (\e -> show (isEOFError e) ++ " " ++ ioeGetErrorString e) show r)
