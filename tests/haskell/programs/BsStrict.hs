{-# LANGUAGE OverloadedStrings #-}
-- Strict ByteStrings: search, split, numbers, sort, packing, and C's memchr and friends below.
module Main (main) where

import qualified Data.ByteString as B
import qualified Data.ByteString.Char8 as C

main :: IO ()
main = do
  let t = "the quick brown fox jumps over the lazy dog" :: C.ByteString
  C.putStrLn (C.unwords (reverse (C.words t)))
  print (C.length t, C.count 'o' t, C.elemIndices 'q' t, C.breakSubstring "fox" t)
  print (C.split ' ' "a b  c", C.lines "x\ny\n\nz", C.splitAt 3 t)
  print (C.readInt "123abc", C.readInteger "-99999999999999999999 x", C.readInt "x")
  print (B.sort "hello", B.reverse "abc", B.foldl' (\a w -> a * 31 + fromIntegral w) 7 t :: Int)
  print (B.unpack (B.map (+ 1) "abc"), B.isPrefixOf "the" t, B.isInfixOf "lazy" t, B.isSuffixOf "cat" t)
  print (B.concat (replicate 3 "ab"), B.intercalate ", " ["x", "y"], compare ("abc" :: B.ByteString) "abd")
  print (B.unfoldrN 10 (\n -> Just (n, n * 3)) 1, B.null "", C.filter (> 'm') t)
  print (B.group "aabccc", B.zip "ab" "cd", C.dropWhileEnd (== ' ') "trim  ")
  B.putStr (B.pack (map (fromIntegral . fromEnum) "raw\n"))
