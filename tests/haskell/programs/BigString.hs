-- Strings of 200,000 characters, built, searched, split and printed in part. Catches lists that
-- are kept whole.
module Main (main) where

import Data.Char
import Data.List

main :: IO ()
main = do
  let s = concatMap show [1 .. 40000 :: Int]
  print (length s)
  print (foldl' (\h c -> (h * 31 + ord c) `mod` 1000003) 7 s)
  print (length (filter (== '7') s), take 20 (drop 100000 s))
  print (length (words (map (\c -> if c == '0' then ' ' else c) s)))
  print (isInfixOf "3999940000" s, findIndex (== '9') s)
  putStrLn (replicate 5000 'x')
  let text = unlines (replicate 2000 "a line of some forty characters, no more")
  print (length (lines text), length text, length (nub (words text)))
