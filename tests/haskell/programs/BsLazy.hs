-- Lazy ByteStrings of many chunks, and interplay with strict ones.
module Main (main) where

import qualified Data.ByteString as B
import qualified Data.ByteString.Lazy as L
import qualified Data.ByteString.Lazy.Char8 as LC

main :: IO ()
main = do
  let l = L.take 100000 (L.cycle (LC.pack "0123456789\n"))
  print (L.length l, length (L.toChunks l) > 1, LC.count '7' l)
  print (length (LC.lines l), LC.unpack (L.take 30 (L.drop 99990 l)))
  print (L.foldl' (\a w -> (a * 33 + fromIntegral w) `mod` 1000003) (5381 :: Int) l)
  let infinite = L.iterate (* 3) 1
  print (L.unpack (L.take 12 infinite))
  print (B.length (L.toStrict (L.fromChunks (replicate 50 (B.replicate 100 7)))))
  LC.putStrLn (LC.unwords (map (LC.pack . show) [1 .. 20 :: Int]))
