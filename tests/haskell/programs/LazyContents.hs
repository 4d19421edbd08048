-- getContents reads on demand: answers come between the lines of a long input. Catches a
-- buffer's border that splits a character (the input has two-byte characters).
module Main (main) where

import Data.Char

main :: IO ()
main = do
  s <- getContents
  let ls = lines s
  putStrLn ("first: " ++ head ls)
  putStrLn ("lines: " ++ show (length ls))
  putStrLn ("characters: " ++ show (length s))
  print (length (filter (== 'ü') s), length (filter isDigit s))
  putStrLn ("last: " ++ last ls)
